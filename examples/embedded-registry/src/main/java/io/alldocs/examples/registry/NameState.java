package io.alldocs.examples.registry;

/** What the registry answers for the packument of a name that stands in {@code _all_docs}. */
public enum NameState {
    /** 200 with a packument. */
    PRESENT,
    /** 404 although the name is in the feed; true of 0.6 % of npm's names (made private, presumably). */
    NOT_FOUND,
    /** 200 with a stub: {@code time.unpublished}, no versions, no dist-tags. */
    UNPUBLISHED,
    /** 200 with the single version {@code 0.0.1-security} of the repository {@code npm/security-holder}. */
    SECURITY_HOLDER,
    /** 451, unavailable for legal reasons. */
    BLOCKED,
    /** 403 for this name alone. */
    FORBIDDEN,
    /** 200 whose body stops in the middle of its JSON, although every byte that was declared is sent. */
    MALFORMED,
    /** 200 with the whole packument of another name. */
    WRONG_NAME
}
