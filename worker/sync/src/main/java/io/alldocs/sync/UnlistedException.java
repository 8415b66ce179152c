package io.alldocs.sync;

import java.util.Map;

/** Thrown when some partitions could not be listed. Names are missing, so no packument was requested. */
public final class UnlistedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnlistedException(int missing, int total, Map<String, String> reasons) {
        super(missing + " of " + total + " partitions could not be listed"
                + reasons.entrySet().stream()
                        .findFirst()
                        .map(first -> "; " + first.getKey() + ": " + first.getValue())
                        .orElse("."));
    }
}
