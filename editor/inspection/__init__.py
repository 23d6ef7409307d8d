"""What a trained model does from one pair to another: its values, their pictures, and the matrix of all pairs."""
