"""From a person's files to pairs of pictures: keeping, importing, drawing, sampling and augmenting them."""
