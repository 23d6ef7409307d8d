"""The networks of the paper, M_x, M_e and M_y, what goes before them (color map, detail filter), and sampling."""
