"""A matched entry becomes the summary that is sent: from the linked page where the feed says too little.

A page that fails costs nothing: the feed's own text serves. robots.txt is respected; a paywall is never evaded.
"""
