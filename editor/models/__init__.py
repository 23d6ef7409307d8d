"""The networks of the paper: M_x, M_e, M_y and the transformation between them."""
