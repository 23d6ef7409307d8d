"""From the decoder's answer to a picture at full size: how strong, where, and by which reference."""
