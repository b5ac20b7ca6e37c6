"""What admins ask in their private chat becomes one act of the office and a screen: one file a family of screens."""
