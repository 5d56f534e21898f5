"""What a request does: its actions, how to undo them, and where two requests collide."""
