"""The capacity model, and the bench that compares it with houses of several sizes."""
