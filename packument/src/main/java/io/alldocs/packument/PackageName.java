package io.alldocs.packument;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Converts package names, as people and paths write them, to the normalized form that keys, URLs and results use.
 *
 * <p>Names that npm no longer accepts are valid: capitals, {@code ~'!()*}, a leading {@code -}, {@code .} or {@code _},
 * more than 214 characters, and text beyond ASCII. Some exist on npm (<a
 * href="https://github.com/npm/validate-npm-package-name">validate-npm-package-name</a> has separate rules for old
 * packages), and others may exist in your own CouchDB.
 *
 * <p>Names that cannot be requested safely are refused:
 *
 * <ul>
 *   <li>the empty name, text that is not valid Unicode, and more than {@value #MAX_BYTES} bytes of UTF-8
 *   <li>control characters: no registry ever accepted one, and they could be used to forge lines in logs and reports
 *   <li>a slash other than that of {@code @scope/name}, and the segments {@code .} and {@code ..}, which servers and
 *       clients resolve as paths
 *   <li>{@code %}, which always starts an escape here, because npm's rules require names that need no escape.
 *       {@code normalize} is therefore idempotent, and different names never become equal
 * </ul>
 */
public final class PackageName {

    /**
     * Maximum length of a name in bytes of UTF-8. The longest of the 4.5 million names on npm has fewer than 250 bytes.
     * With three bytes per escape, 1,024 bytes still fit in the request line of 8 KiB that common servers allow.
     */
    public static final int MAX_BYTES = 1024;

    private static final int ESCAPED_BYTE_CHARS = 3;
    private static final int SHOWN_CHARS = 80;
    /** Characters that JavaScript's encodeURIComponent does not escape, in addition to letters and digits. */
    private static final String UNESCAPED = "-_.!~*'()";

    /**
     * Matches mistakes in lists: invisible formatting characters, unusual spaces, and quotes. It also matches a space
     * or punctuation at the start or end, and punctuation next to a space. The last kind is the start of JSON or of a
     * regular expression.
     */
    private static final List<Pattern> MISTAKES = List.of(
            Pattern.compile("[\\u00ad\\u061c\\u180e\\u200b\\u200c\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff]"
                    + "|[\\p{Z}&&[^ ]]"),
            Pattern.compile("^[; ]|[,;: ]$|[,;:#] | [,;:#]"),
            Pattern.compile("^(?:\".*\"|'.*'|[\\[{^].*)$"));

    private PackageName() {}

    /**
     * Returns the normalized name: {@code express} for {@code "express"} and {@code "/express"}, {@code @scope/name}
     * for {@code "@scope/name"}, {@code "@scope%2fname"} and {@code "/@scope%2Fname"}.
     *
     * @param raw a name or a path; one leading slash is removed, and percent escapes are decoded
     * @throws IllegalArgumentException if {@code raw} is not a valid name; the message contains at most its first 80
     *     characters
     */
    public static String normalize(String raw) {
        String path = raw.startsWith("/") ? raw.substring(1) : raw;
        if (path.length() > ESCAPED_BYTE_CHARS * MAX_BYTES) {
            throw tooLong(raw);
        }
        String name = path.indexOf('%') < 0 ? path : unescape(path, raw);
        check(name, raw);
        return name;
    }

    /**
     * Converts a name from a list that a person wrote. Works like {@link #normalize}, but refuses text that is more
     * likely a mistake than a name. Such a line would otherwise be requested and reported as a name that the registry
     * does not have.
     *
     * @param text a line of a list, without surrounding white space
     * @throws IllegalArgumentException if {@code text} is not a name, is only a scope, is quoted, or has invisible
     *     characters. Also if it has punctuation at its end or next to a space, which indicates a comment or several
     *     names. The message shows at most its first 80 characters
     */
    public static String listed(String text) {
        if (isMistake(text)) {
            throw bad(
                    text,
                    "write one name per line, without quotes, brackets, trailing punctuation or invisible"
                            + " characters, and write comments on separate lines");
        }
        String name = normalize(text);
        if (name.startsWith("@") && name.indexOf('/') < 0) {
            throw bad(text, "it is a scope without a name");
        }
        return name;
    }

    /**
     * Returns whether {@code text}, a name or a pattern of names, looks like one of the mistakes that {@link #listed}
     * refuses.
     */
    static boolean isMistake(String text) {
        return MISTAKES.stream().anyMatch(mistake -> mistake.matcher(text).find());
    }

    /** Returns whether {@link #normalize} accepts {@code raw}. */
    public static boolean isName(String raw) {
        try {
            return !normalize(raw).isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Returns the absolute path of a registry request: {@code /express}, {@code /@scope%2fname}. It always has one
     * segment.
     *
     * @param name any text that {@link #normalize} accepts
     * @throws IllegalArgumentException if {@code name} is not a valid name
     */
    public static String urlPath(String name) {
        StringBuilder path = new StringBuilder("/");
        for (byte octet : normalize(name).getBytes(StandardCharsets.UTF_8)) {
            append(path, octet);
        }
        return path.toString();
    }

    /**
     * Returns the {@code @scope} of a normalized {@code @scope/name}, or of {@code @scope} alone; empty for names
     * without a scope.
     */
    static Optional<String> scope(String name) {
        int slash = name.indexOf('/');
        return name.startsWith("@") ? Optional.of(slash < 0 ? name : name.substring(0, slash)) : Optional.empty();
    }

    /**
     * Returns {@code name} in quotes for a message: at most its first 80 characters, with control characters replaced.
     */
    static String quote(String name) {
        StringBuilder shown = new StringBuilder("\"");
        name.chars()
                .limit(SHOWN_CHARS)
                .forEach(c ->
                        shown.append(Character.isISOControl(c) || Character.isSurrogate((char) c) ? '?' : (char) c));
        return shown.append(name.length() > SHOWN_CHARS ? "…\" (" + name.length() + " characters)" : "\"")
                .toString();
    }

    private static void append(StringBuilder path, byte octet) {
        char c = (char) (octet & 0xff);
        if (c == '/') {
            path.append("%2f"); // lower case, as npm's own clients write it and some mirrors expect it
        } else if (isUnescaped(c) || c == '@') {
            path.append(c);
        } else {
            path.append('%')
                    .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                    .append(Character.toUpperCase(Character.forDigit(c & 0xf, 16)));
        }
    }

    private static boolean isUnescaped(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || UNESCAPED.indexOf(c) >= 0;
    }

    private static String unescape(String path, String raw) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(path.length());
        byte[] escaped = utf8(path, raw);
        for (int i = 0; i < escaped.length; i++) {
            if (escaped[i] != '%') {
                bytes.write(escaped[i]);
                continue;
            }
            int high = i + 2 < escaped.length ? Character.digit(escaped[i + 1], 16) : -1;
            int low = i + 2 < escaped.length ? Character.digit(escaped[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw bad(raw, "% must begin an escape of two hexadecimal digits");
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw bad(raw, "its percent-encoded bytes are not UTF-8", e);
        }
    }

    private static void check(String name, String raw) {
        if (name.isEmpty()) {
            throw bad(raw, "it is empty");
        }
        if ((isAscii(name) ? name.length() : utf8(name, raw).length) > MAX_BYTES) {
            throw tooLong(raw);
        }
        if (hasControls(name)) {
            throw bad(raw, "it contains control characters");
        }
        if (name.indexOf('%') >= 0) {
            throw bad(raw, "it contains a % that does not begin an escape");
        }
        checkSegments(name, raw);
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasControls(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    private static void checkSegments(String name, String raw) {
        int slash = name.indexOf('/');
        if (slash < 0) {
            checkSegment(name, raw);
            return;
        }
        if (!name.startsWith("@") || slash == 1 || name.indexOf('/', slash + 1) >= 0) {
            throw bad(raw, "a slash is allowed only between @scope and name");
        }
        checkSegment(name.substring(1, slash), raw);
        checkSegment(name.substring(slash + 1), raw);
    }

    private static void checkSegment(String segment, String raw) {
        if (segment.isEmpty()) {
            throw bad(raw, "the part after the scope is empty");
        }
        if (segment.equals(".") || segment.equals("..")) {
            throw bad(raw, ". and .. are path segments, not names");
        }
    }

    private static byte[] utf8(String text, String raw) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw bad(raw, "it is not valid Unicode (an unpaired surrogate)", e);
        }
    }

    private static IllegalArgumentException tooLong(String raw) {
        return bad(raw, "it is longer than " + MAX_BYTES + " bytes of UTF-8");
    }

    private static IllegalArgumentException bad(String raw, String why) {
        return new IllegalArgumentException("Not a package name: " + quote(raw) + ": " + why + '.');
    }

    private static IllegalArgumentException bad(String raw, String why, CharacterCodingException cause) {
        return new IllegalArgumentException("Not a package name: " + quote(raw) + ": " + why + '.', cause);
    }
}
