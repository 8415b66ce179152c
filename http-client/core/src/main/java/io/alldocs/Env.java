package io.alldocs;

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

/**
 * Configuration variables from the process environment, a file or code. {@code toString()} prints names, never values.
 * Immutable.
 */
public final class Env {
    /**
     * No environment: the default of every builder. Nothing is read from the environment of the process or from a
     * configuration file, and a cache without a driver is in memory.
     */
    public static final Env NONE = of(Map.of());

    private final Map<String, String> values;
    private final boolean readsUserFiles;
    private final @Nullable Path projectFolder;

    private Env(Map<String, String> values, boolean readsUserFiles, @Nullable Path projectFolder) {
        this.values = Map.copyOf(values);
        this.readsUserFiles = readsUserFiles;
        this.projectFolder = projectFolder;
    }

    /**
     * Returns the environment of this process. Clients created from it also read the npm configuration files of the
     * user and the machine.
     */
    public static Env system() {
        return of(System.getenv()).withUserFiles();
    }

    /**
     * Returns an environment with a copy of {@code values}. Clients created from it read no configuration file unless a
     * value names one.
     */
    public static Env of(Map<String, String> values) {
        return new Env(values, false, null);
    }

    /**
     * Reads a file of {@code NAME=value} lines, encoded in UTF-8, or in UTF-16 with a byte order mark. A line that
     * begins with {@code #} is a comment, and empty lines are ignored. A pair of quotes around a value is removed. If a
     * name occurs twice, the later line applies.
     *
     * @throws UncheckedIOException if the file cannot be read
     * @throws IllegalArgumentException if a line has none of these forms; the message contains the file and the line
     *     number, never the text
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

    /**
     * Decodes a file as a whole, which is fine for small files. The HTTP client's {@code TextLines} is not visible to
     * this module.
     */
    private static String text(byte[] bytes) throws CharacterCodingException {
        int mark = bytes.length < 2 ? 0 : (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
        boolean wide = mark == 0xfeff || mark == 0xfffe;
        Charset charset = wide ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8; // UTF_16 handles the byte order mark
        String text = charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static String unquote(String value) {
        boolean quoted = value.length() >= 2
                && value.charAt(0) == value.charAt(value.length() - 1)
                && (value.charAt(0) == '"' || value.charAt(0) == '\'');
        return quoted ? value.substring(1, value.length() - 1) : value;
    }

    /** Returns all names with their values, which may be secrets. The map is unmodifiable. */
    public Map<String, String> asMap() {
        return values;
    }

    /**
     * Returns a copy whose clients also read the npm configuration files of the user and the machine, as with
     * {@link #system()}.
     */
    public Env withUserFiles() {
        return new Env(values, true, projectFolder);
    }

    /** Returns a copy whose clients also read the {@code .npmrc} of the project in {@code folder}. */
    public Env withProject(Path folder) {
        return new Env(values, readsUserFiles, folder);
    }

    /** Returns a copy in which {@code name} has {@code value}, unless {@code name} already has a value. */
    public Env withDefault(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(values);
        all.putIfAbsent(name, value);
        return new Env(all, readsUserFiles, projectFolder);
    }

    /** Returns whether clients read the npm configuration files of the user and the machine. */
    public boolean readsUserFiles() {
        return readsUserFiles;
    }

    /** Returns the project folder whose {@code .npmrc} clients read, if any. */
    public Optional<Path> projectFolder() {
        return Optional.ofNullable(projectFolder);
    }

    /** Returns the value of a variable, or empty if it is absent or blank. */
    public Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isBlank());
    }

    /** Returns the value of a variable, or null if it is absent or blank. For APIs that need a plain function. */
    public @Nullable String find(String name) {
        return get(name).orElse(null);
    }

    /**
     * Returns the value of a variable as a whole number.
     *
     * @param fallback the result if the variable is absent
     * @throws IllegalArgumentException if the value is not a whole number from {@code min} to {@code max}; the message
     *     contains the variable and the allowed range
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

    /** Omits the value from the message: it may be a secret that was assigned to the wrong name. */
    private static String outOfRange(String name, long min, long max) {
        String range = max == Long.MAX_VALUE ? "of at least " + min : "from " + min + " to " + max;
        return "The environment variable " + name + " must be a whole number " + range + ".";
    }

    /**
     * Returns the URL of a service, or empty if the variable is absent.
     *
     * @param example an example URL for the message
     * @throws IllegalArgumentException if the value is not an http or https URL with a host, or contains a user and
     *     password. The message names the variable. Neither message nor cause contains the value
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
            // The cause is omitted, because its message contains the value, which may include a password.
            throw notAnAddress(name, example);
        }
        throw notAnAddress(name, example);
    }

    private static IllegalArgumentException notAnAddress(String name, String example) {
        return new IllegalArgumentException("The environment variable " + name + " must be an address such as "
                + example + ", without user and password.");
    }

    /**
     * Returns the value of a required variable.
     *
     * @param purpose completes "is needed …" in the message
     * @throws IllegalArgumentException if the variable is absent; the message contains its name and purpose
     */
    public String require(String name, String purpose) {
        return get(name)
                .orElseThrow(() -> new IllegalArgumentException(
                        "The environment variable " + name + " is not set; it is needed " + purpose + "."));
    }

    /** Returns the sorted names, never the values. */
    @Override
    public String toString() {
        TreeSet<String> names = new TreeSet<>();
        names.addAll(values.keySet());
        return "Env" + names;
    }
}
