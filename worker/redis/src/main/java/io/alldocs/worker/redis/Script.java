package io.alldocs.worker.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The Lua scripts, one for each change of a queue's state. Redis runs each script atomically. The shared functions in
 * {@code queue.lua} are prepended to each.
 */
enum Script {
    ENQUEUE,
    STEP,
    RENEW,
    PAUSE,
    PAUSED,
    SIZES,
    LETTERS,
    RETRY,
    DISCARD;

    private final String source;
    private final String digest;

    Script() {
        this.source = read("queue") + read(name().toLowerCase(Locale.ROOT));
        this.digest = sha1(source.getBytes(StandardCharsets.UTF_8));
    }

    String source() {
        return source;
    }

    /** Returns the digest by which Redis identifies the script. */
    String digest() {
        return digest;
    }

    private static String read(String name) {
        try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
            if (in == null) {
                throw new IllegalStateException("The script " + name + ".lua is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the script " + name + ".lua from the jar", e);
        }
    }

    private static String sha1(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JVM supports SHA-1
        }
    }
}
