"""The shop's orders behind one protocol (`bot.ports.Orders`): whose they are, where they are, how they are told."""
