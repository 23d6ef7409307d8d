"""What a pair adds (glasses, a hat): cut out, found where it belongs in a picture, and laid over the model's answer."""
