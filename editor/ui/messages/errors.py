"""What a page says when a request fails in a way that no control of the page can cause."""

from __future__ import annotations

ERROR_TITLE = "That did not work"
STALE_PAGE = "The page sent something that does not fit. Reload the page and try again."
FILE_TROUBLE = "A file could not be read or written ({reason}). What is stored is safe; the terminal has the details."
TOO_LARGE = "This is larger than the maximum allowed size of {limit} MB. Make it smaller, or bring it in several parts."
BROKEN_OFF = "The upload was broken off."
OTHER_SITE = "This request comes from another web site, so it was not carried out. Open the app itself."
LONG_HEADERS = "This request says too much about itself. Remove the cookies of this site and open the app again."
QUEUE_FULL = "Too much is asked of this app right now. Wait a moment, then try again."
NOT_HERE = "There is nothing here. Open the app at its address without anything behind it."
UNEXPECTED = "Something went wrong that should not have ({name}). What is stored is safe; the terminal has the details."
NOT_LOGGED_IN = "Log in first: open the page and enter name and password."
NO_COOKIE = (
    "This browser keeps no cookies for this page, so your pictures could not be told from those of others. Allow "
    "cookies, or open the app in a tab of its own."
)
