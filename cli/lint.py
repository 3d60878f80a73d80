def run(_options):
    raise NotImplementedError
