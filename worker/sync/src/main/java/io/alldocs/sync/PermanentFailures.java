package io.alldocs.sync;

import io.alldocs.http.PermanentException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names of one run whose request a retry will not change, such as one in a redirect loop. The run does not request
 * them again, but the next run does. Stores at most 10,000 names; further names are requested in each round. Safe for
 * concurrent use.
 */
final class PermanentFailures {
    private static final int MAX_NAMES = 10_000;

    private final Map<String, RuntimeException> failures = new ConcurrentHashMap<>();

    /** Records {@code failure} if it is permanent. */
    void note(String name, RuntimeException failure) {
        if (failure instanceof PermanentException && failures.size() < MAX_NAMES) {
            failures.put(name, failure);
        }
    }

    Optional<RuntimeException> of(String name) {
        return Optional.ofNullable(failures.get(name));
    }

    int size() {
        return failures.size();
    }

    /** Begins another run. */
    void clear() {
        failures.clear();
    }
}
