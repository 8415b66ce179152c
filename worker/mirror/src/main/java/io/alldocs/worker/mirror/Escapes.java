package io.alldocs.worker.mirror;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Percent-encodings of paths (RFC 3986 §2.1). */
final class Escapes {
    private static final Pattern ESCAPE = Pattern.compile("%([0-9A-Fa-f]{2})");

    /** RFC 3986 §2.3; and the {@code @} of a scope, which some clients encode. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._~@-]");

    private Escapes() {}

    /**
     * Returns the path with hexadecimal digits in upper case, and without the escapes of characters that need none: the same for every way to write a path
     * (RFC 3986 §6.2.2).
     */
    static String normalized(String path) {
        if (path.indexOf('%') < 0) {
            return path;
        }
        Matcher matcher = ESCAPE.matcher(path);
        return matcher.replaceAll(escape -> {
            String plain = Character.toString((char) Integer.parseInt(escape.group(1), 16));
            return PLAIN.matcher(plain).matches() ? plain : escape.group().toUpperCase(Locale.ROOT);
        });
    }

    /**
     * Decodes all escapes of a path; a {@code +} is a plus.
     *
     * @throws IllegalArgumentException for a {@code %} that begins no escape
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
     * Returns an address for a {@code Location} header: what no address may hold (spaces, controls, quotes, text beyond ASCII) is escaped, as servers and
     * {@code new URL()} do. So no packument can write a header of its own.
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
