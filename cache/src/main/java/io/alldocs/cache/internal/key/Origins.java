package io.alldocs.cache.internal.key;

import io.alldocs.spi.NpmHosts;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Converts origins to their form in keys and back. The canonical address has its scheme and host in lower case, and no
 * default port or user information; one trailing slash is removed. In the key, {@code ~hh} replaces every byte outside
 * {@code [a-z0-9._-]}. This is reversible, so different canonical addresses have different forms. Each form contains
 * {@code ~3a~2f~2f}, so none equals {@code npm}.
 */
public final class Origins {
    public static final String NPM = "npm";
    private static final int MAX_BYTES = 1024;
    private static final Pattern AUTHORITY = Pattern.compile("(?:.*@)?(.+?)(?::(\\d*))?");
    private static final Pattern PART = Pattern.compile("[a-z0-9._~-]+");

    /**
     * Previously computed origin parts by address, because all keys of a job share one or two of them. The size is
     * limited, because addresses may be untrusted input.
     */
    private static final Map<String, String> KNOWN = new ConcurrentHashMap<>();

    private static final int MAX_KNOWN = 64;

    private Origins() {}

    /**
     * Returns the form of an origin in keys.
     *
     * @throws IllegalArgumentException if it is not an http or https address with a host, or is too long
     */
    public static String part(URI origin) {
        String address = origin.toString();
        String known = KNOWN.get(address);
        if (known != null) {
            return known;
        }
        String part = computePart(origin);
        if (KNOWN.size() < MAX_KNOWN) {
            KNOWN.put(address, part);
        }
        return part;
    }

    private static String computePart(URI origin) {
        String scheme = origin.getScheme() == null ? "" : origin.getScheme().toLowerCase(Locale.ROOT);
        Matcher authority = AUTHORITY.matcher(origin.getRawAuthority() == null ? "" : origin.getRawAuthority());
        if (!scheme.matches("https?") || !authority.matches()) {
            throw new IllegalArgumentException("The origin must be an http or https address with a host, such as"
                    + " https://registry.example.com/npm.");
        }
        String host = authority.group(1).toLowerCase(Locale.ROOT);
        String port = port(scheme, authority.group(2));
        String path = path(origin);
        if (origin.getRawQuery() != null || origin.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "The origin " + scheme + "://" + host + port + path + " must not have a query or a fragment.");
        }
        if (isNpm(host, port, path)) {
            return NPM;
        }
        return escape(scheme + "://" + host + port + path);
    }

    private static String port(String scheme, @Nullable String digits) {
        if (digits == null || digits.isEmpty()) {
            return "";
        }
        // The port is not parsed as an int: an oversized port must not fail here, and leading zeros do not change the
        // port.
        String port = digits.replaceFirst("^0+(?=\\d)", "");
        boolean standard = port.equals(scheme.equals("https") ? "443" : "80");
        return standard ? "" : ":" + port;
    }

    private static String path(URI origin) {
        String path = origin.getRawPath() == null ? "" : origin.getRawPath();
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /**
     * Returns whether the address is that of the npm registry or its replica. The replica serves one database both at
     * its root and at {@code /registry}.
     */
    private static boolean isNpm(String host, String port, String path) {
        if (!port.isEmpty() || !NpmHosts.isNpm(host)) {
            return false;
        }
        return path.isEmpty() || (host.startsWith("replicate.") && path.equals("/registry"));
    }

    private static String escape(String address) {
        byte[] bytes = Utf8.bytes(address, "origin");
        StringBuilder part = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-') {
                part.append(c);
            } else {
                part.append('~').append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            }
        }
        if (part.length() > MAX_BYTES) {
            throw new IllegalArgumentException("The origin " + Utf8.quote(address)
                    + " is too long for a cache key: the limit is " + MAX_BYTES + " bytes after escaping.");
        }
        return part.toString();
    }

    /** Returns whether {@code part} may be the form of an origin. */
    public static boolean isPart(String part) {
        return part.length() <= MAX_BYTES && PART.matcher(part).matches();
    }

    /**
     * Returns the address that {@link #part} encoded; empty for {@code npm} and for an origin that another writer
     * shortened.
     */
    public static Optional<URI> address(String part) {
        StringBuilder hex = new StringBuilder(part.length() * 2);
        for (int i = 0; i < part.length(); i++) {
            if (part.charAt(i) != '~') {
                hex.append(Utf8.hex(part.substring(i, i + 1).getBytes(StandardCharsets.US_ASCII)));
            } else if (i + 2 < part.length()) {
                hex.append(part, i + 1, i + 3);
                i += 2;
            } else {
                return Optional.empty();
            }
        }
        try {
            String canonical = Utf8.fromHex(hex.toString());
            // One trailing slash was removed. If the address still ends with a slash, it must be restored.
            URI address = new URI(canonical.endsWith("/") ? canonical + "/" : canonical);
            return part.equals(part(address)) ? Optional.of(address) : Optional.empty();
        } catch (URISyntaxException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
