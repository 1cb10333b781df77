"""What the text claims, and the facts and cells that its claims are tied to."""
