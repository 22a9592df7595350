"""Programs written for torch and Ignite, and what they came to there."""
