package io.alldocs.cache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Configuration by name, from the process environment, a file or code. {@code toString()} prints names, never values. Immutable. */
public final class Env {
    private final Map<String, String> values;
    private final boolean readsUserFiles;
    private final @Nullable Path projectFolder;

    private Env(Map<String, String> values, boolean readsUserFiles, @Nullable Path projectFolder) {
        this.values = Map.copyOf(values);
        this.readsUserFiles = readsUserFiles;
        this.projectFolder = projectFolder;
    }

    /** The environment of this process. Clients made from it also read the npm configuration of the user and the machine. */
    public static Env system() {
        return of(System.getenv()).withUserFiles();
    }

    /** A copy of {@code values}. Clients made from it read no configuration file that a value does not name. */
    public static Env of(Map<String, String> values) {
        return new Env(values, false, null);
    }

    /**
     * Reads {@code NAME=value} lines in UTF-8, or in UTF-16 with a byte order mark; {@code #} begins a comment line, empty lines are passed over, a pair of quotes around a value is taken
     * off, and a later line wins.
     *
     * @throws UncheckedIOException when the file cannot be read
     * @throws IllegalArgumentException naming file and line, never the text, when a line is none of these
     */
    public static Env load(Path file) {
        List<String> lines;
        try {
            lines = text(Files.readAllBytes(file)).lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the environment file " + file, e);
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).trim();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int equals = line.indexOf('=');
            String name = equals < 0 ? "" : line.substring(0, equals).trim();
            if (!name.matches("[A-Za-z_][A-Za-z0-9_.]*")) {
                throw new IllegalArgumentException("Line " + (i + 1) + " of " + file + " is not NAME=value.");
            }
            values.put(name, unquote(line.substring(equals + 1).trim()));
        }
        return new Env(values, false, null);
    }

    /** This module does not see the HTTP client's {@code TextLines}; these files are small, so they are decoded as a whole. */
    private static String text(byte[] bytes) throws CharacterCodingException {
        int mark = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
        boolean wide = mark == 0xfeff || mark == 0xfffe;
        Charset charset = wide ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8; // UTF_16 reads the mark
        String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static String unquote(String value) {
        boolean quoted = value.length() >= 2
                && value.charAt(0) == value.charAt(value.length() - 1)
                && (value.charAt(0) == '"' || value.charAt(0) == '\'');
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    /** All names with their values, which may be secrets. Unmodifiable. */
    public Map<String, String> asMap() {
        return values;
    }

    /** A copy whose clients also read the npm configuration files of the user and the machine, as those of {@link #system()} do. */
    public Env withUserFiles() {
        return new Env(values, true, projectFolder);
    }

    /** A copy whose clients also read the {@code .npmrc} of the project in {@code folder}. */
    public Env withProject(Path folder) {
        return new Env(values, readsUserFiles, folder);
    }

    /** A copy in which {@code name} has {@code value} unless it has one already. */
    public Env withDefault(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(values);
        all.putIfAbsent(name, value);
        return new Env(all, readsUserFiles, projectFolder);
    }

    /** Whether clients read the npm configuration files of the user and the machine. */
    public boolean readsUserFiles() {
        return readsUserFiles;
    }

    /** The project whose {@code .npmrc} clients read, if any. */
    public Optional<Path> projectFolder() {
        return Optional.ofNullable(projectFolder);
    }

    /** The value, empty when absent or blank. */
    public Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isBlank());
    }

    /** For APIs that want a plain function: the value, null when absent or blank. */
    public @Nullable String find(String name) {
        return get(name).orElse(null);
    }

    /**
     * A whole number.
     *
     * @param fallback when absent
     * @throws IllegalArgumentException naming the variable and what is expected, when the value is not a whole number in range
     */
    public long getLong(String name, long fallback, long min, long max) {
        Optional<String> value = get(name);
        if (value.isEmpty()) {
            return fallback;
        }
        try {
            long number = Long.parseLong(value.get().trim());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(outOfRange(name, min, max), e);
        }
        throw new IllegalArgumentException(outOfRange(name, min, max));
    }

    /** Without the value: it may be a secret that was put under the wrong name. */
    private static String outOfRange(String name, long min, long max) {
        String range = max == Long.MAX_VALUE ? "of at least " + min : "from " + min + " to " + max;
        return "The environment variable " + name + " must be a whole number " + range + ".";
    }

    /**
     * The address of a service, empty when absent.
     *
     * @param example for the message
     * @throws IllegalArgumentException naming the variable, when the value is no http or https address with a host, or carries user and password; neither
     *     message nor cause repeats it
     */
    public Optional<URI> getAddress(String name, String example) {
        Optional<String> value = get(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        try {
            URI uri = new URI(value.get().trim());
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            if (http && uri.getHost() != null && uri.getRawUserInfo() == null) {
                return Optional.of(uri);
            }
        } catch (URISyntaxException e) {
            // Left out: its message holds the value, and with it perhaps a password.
            throw notAnAddress(name, example);
        }
        throw notAnAddress(name, example);
    }

    private static IllegalArgumentException notAnAddress(String name, String example) {
        return new IllegalArgumentException("The environment variable " + name + " must be an address such as "
                + example + ", without user and password.");
    }

    /**
     * A value that must be there.
     *
     * @param purpose completes "is needed …" in the message
     * @throws IllegalArgumentException naming the variable and what it is for, when absent
     */
    public String require(String name, String purpose) {
        return get(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "The environment variable " + name + " is not set; it is needed " + purpose + "."));
    }

    /** Names in order, never values. */
    @Override
    public String toString() {
        TreeSet<String> names = new TreeSet<>(KeyOrder.UTF8);
        names.addAll(values.keySet());
        return "Env" + names;
    }
}
