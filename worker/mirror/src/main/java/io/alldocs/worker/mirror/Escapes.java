package io.alldocs.worker.mirror;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;

/** Percent-encoding of paths (RFC 3986 §2.1). */
final class Escapes {
    private Escapes() {}

    /**
     * Returns the normalized form of a path (RFC 3986 §6.2.2): escapes use upper-case hexadecimal digits, and
     * characters that need no escape are unescaped.
     */
    static String normalized(String path) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        StringBuilder text = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            int octet = c == '%' && i + 2 < path.length() ? octet(path.charAt(i + 1), path.charAt(i + 2)) : -1;
            if (octet < 0) {
                text.append(c);
                continue;
            }
            i += 2;
            if (isPlain((char) octet)) {
                text.append((char) octet);
            } else {
                text.append('%').append(upper(path.charAt(i - 1))).append(upper(path.charAt(i)));
            }
        }
        return text.toString();
    }

    /** Returns the octet for two hexadecimal digits of ASCII, or -1 if they are not valid. */
    private static int octet(char high, char low) {
        return high < 0x80 && low < 0x80 && Character.digit(high, 16) >= 0 && Character.digit(low, 16) >= 0
                ? Character.digit(high, 16) << 4 | Character.digit(low, 16)
                : -1;
    }

    private static char upper(char digit) {
        return digit >= 'a' ? (char) (digit - 'a' + 'A') : digit;
    }

    /**
     * Returns whether a character needs no escape: RFC 3986 §2.3, and the {@code @} of a scope, which some clients
     * encode.
     */
    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~@".indexOf(c) >= 0;
    }

    /**
     * Decodes all escapes of a path; a {@code +} stays a plus.
     *
     * @throws IllegalArgumentException for a {@code %} that does not begin an escape
     */
    static String decoded(String path) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(path.length());
        byte[] utf8 = path.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < utf8.length; i++) {
            if (utf8[i] != '%') {
                bytes.write(utf8[i]);
                continue;
            }
            int high = i + 2 < utf8.length ? Character.digit(utf8[i + 1], 16) : -1;
            int low = i + 2 < utf8.length ? Character.digit(utf8[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new IllegalArgumentException("A percent sign must begin an escape of two hexadecimal digits");
            }
            bytes.write((high << 4) | low);
            i += 2;
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /**
     * Returns a path as the most lenient server may interpret it, enclosed in slashes. All escapes are decoded,
     * including those of slashes. Backslashes are converted to slashes, dot segments are resolved, and parameters and
     * empty segments are removed.
     *
     * @throws IllegalArgumentException for a {@code %} that does not begin an escape
     */
    static String resolved(String path) {
        Deque<String> segments = new ArrayDeque<>();
        for (String segment : decoded(path).split("[/\\\\]", -1)) {
            int parameters = segment.indexOf(';');
            String name = parameters < 0 ? segment : segment.substring(0, parameters);
            if (name.equals("..")) {
                segments.pollLast();
            } else if (!name.isEmpty() && !name.equals(".")) {
                segments.add(name);
            }
        }
        return segments.isEmpty() ? "/" : "/" + String.join("/", segments) + "/";
    }

    /**
     * Returns an address for a {@code Location} header. Characters that are not allowed in an address (spaces,
     * controls, quotes, non-ASCII text) are escaped, as servers and {@code new URL()} do. A packument therefore cannot
     * inject a header.
     */
    static String location(String address) {
        StringBuilder text = new StringBuilder(address.length());
        for (byte octet : address.getBytes(StandardCharsets.UTF_8)) {
            if (octet <= ' ' || octet == 0x7f || "\"<>\\^`{|}".indexOf(octet) >= 0) {
                text.append(String.format(Locale.ROOT, "%%%02X", octet & 0xff));
            } else {
                text.append((char) octet);
            }
        }
        return text.toString();
    }
}
