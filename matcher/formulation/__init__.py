"""What a problem means: the parts of docs/formulation.md that every way of solving reads in the same way."""
