"""How good an edit is, in numbers: PSNR, SSIM, DIoU, and a report of all of them."""
