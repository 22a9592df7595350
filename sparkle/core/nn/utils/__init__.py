"""What is done to networks as a whole, or to one tensor of a module: `sparkle.nn.utils`."""
