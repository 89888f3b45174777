"""The exact tier: one OR-Tools model of a part of the market, solved to a plan and a proven bound."""
