package io.alldocs.examples.registry;

/** The registry's response for the packument of a name in {@code _all_docs}. */
public enum NameState {
    /** 200 with a packument. */
    PRESENT,
    /**
     * 404 although the name is in the feed. This applies to 0.6 % of the names of npm, which were presumably made
     * private.
     */
    NOT_FOUND,
    /** 200 with a stub: {@code time.unpublished}, no versions, no dist-tags. */
    UNPUBLISHED,
    /** 200 with the single version {@code 0.0.1-security} of the repository {@code npm/security-holder}. */
    SECURITY_HOLDER,
    /** 451, unavailable for legal reasons. */
    BLOCKED,
    /** 403 for this name only. */
    FORBIDDEN,
    /** 200 with a body that ends in the middle of its JSON. The length of the body matches {@code Content-Length}. */
    MALFORMED,
    /** 200 with the complete packument of another name. */
    WRONG_NAME
}
