"""The application's algorithm as a part of Rasa's pipeline; runs in Rasa's Python, beside a copy of `bot`."""
