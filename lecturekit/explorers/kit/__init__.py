"""What all explorers share: ES modules, one style sheet, and sheets of pictures."""
