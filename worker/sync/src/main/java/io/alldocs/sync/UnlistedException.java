package io.alldocs.sync;

import java.util.Map;

/** Some partitions could not be walked, so the list of names has holes and no packument was asked for. */
public final class UnlistedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnlistedException(int missing, int total, Map<String, String> reasons) {
        super(missing + " of " + total + " partitions could not be walked"
                + reasons.entrySet().stream()
                        .findFirst()
                        .map(first -> "; " + first.getKey() + ": " + first.getValue())
                        .orElse("."));
    }
}
