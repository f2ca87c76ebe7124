"""The local stack::

__main__     `make up`, `make send`, `make status`, `make down`
lifecycle    a stack started, found again, stopped
running      the one of `make up`, for the commands that need it
directory    what a stack keeps on disk
cloud        the embedded AWS; deploy: the template on it, by `sam deploy`
stand_in     the stand-in seen from outside
build        the function, by `sam build`
containers   what `sam local` reads, and loopback for its containers
environment  of what is started here; processes: stopped to the last child
"""
