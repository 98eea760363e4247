"""Understanding: two engines behind one protocol, trained from the same Rasa-format files in nlu_data/."""
