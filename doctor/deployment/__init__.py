"""Does the deployment match its template?

The template that CloudFormation holds is evaluated with the stack's parameters and resources, and
compared with what each service says of its own. So a check is written nowhere twice::

    template      what the template says: its intrinsic functions, evaluated
    properties    what is: the real properties, in the template's shape
    comparison    the differences between both, as findings
    reasons       why a difference matters

AWS's own drift detection compares kinds of resources that are left out here, but neither what the
template leaves to its default (a rule that is disabled), nor the version behind an alias.
"""
