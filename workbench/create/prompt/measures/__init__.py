"""What the card measures, a file a family: each takes one prompt and the finished piece and gives lines of the card."""
