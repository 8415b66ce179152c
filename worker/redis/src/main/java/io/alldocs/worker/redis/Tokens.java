package io.alldocs.worker.redis;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Generates lease names that no other worker generates, even after a server lost its last writes. They consist of
 * letters, digits and {@code - _ .}.
 */
final class Tokens {
    private static final int RANDOM_BYTES = 9;

    private final String worker;
    private final AtomicLong count = new AtomicLong();

    Tokens() {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        this.worker = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    String next() {
        return worker + "." + Long.toString(count.incrementAndGet(), Character.MAX_RADIX);
    }
}
