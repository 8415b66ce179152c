package io.alldocs.worker.mirror;

import java.util.Locale;

/** An event of a mirror that is only counted. See {@link MirrorListener#happened}. */
public enum MirrorEvent {
    /** A packument was served from memory. */
    MEMORY_HITS("Packuments served from memory."),
    /** A packument was not in memory, or no longer current there, and was read from the cache or the registry. */
    MEMORY_MISSES("Packuments that were not in memory, or no longer current there."),
    /** An abbreviated packument was derived from the full one, and stored. */
    ABBREVIATED_DERIVED("Abbreviated packuments derived from full ones."),
    /** A packument was requested from the registry. */
    UPSTREAM_REQUESTS("Packuments requested from the registry."),
    /** A request to the registry for a packument failed. */
    UPSTREAM_FAILURES("Requests to the registry for packuments that failed."),
    /** A response was built from a stored packument that is no longer fresh, because the registry did not respond. */
    STALE_SERVED("Responses built from stale packuments because the registry did not respond."),
    /** A connection was refused, because there are too many or the server is closing. */
    REFUSED_CONNECTIONS("Connections refused because there are too many, or the server is closing."),
    /** A connection was closed because its client did not read the response in time. */
    SLOW_CLIENTS("Connections closed because the client did not read its response in time."),
    /** A response was withheld because the policy could not decide about the package. */
    POLICY_UNDECIDED("Responses withheld because the policy could not decide about a package."),
    /** The policy file changed, and its new content is not a valid policy. */
    POLICY_FILE_REFUSED("Changes of the policy file that are not a valid policy."),
    /** A tarball was streamed from the registry. */
    TARBALLS_PROXIED("Tarballs streamed from the registry."),
    /** A streamed tarball did not match its digest, and its connection was closed before the end. */
    TARBALL_MISMATCHES("Streamed tarballs that did not match their digest and were cut off.");

    private final String description;

    MirrorEvent(String description) {
        this.description = description;
    }

    /** Returns the name of the event in metrics, such as {@code memory_hits}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns what a counter of the event counts, as a sentence. */
    public String description() {
        return description;
    }
}
