"""Can the function reach and prove Alipay+'s gateway: the way there, the clock, the keys.

gateway      one request that cannot cancel anything: DNS, TCP, TLS, HTTP
clock        this clock, AWS's and the gateway's
secret       what the function would say of the secret, and more than it has time for
fields       the function's own judgement of one field of the secret (pure)
signing_key  the KMS key that signs in place of the secret's
"""
