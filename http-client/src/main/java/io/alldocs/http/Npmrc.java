package io.alldocs.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the settings of one {@code .npmrc} file and replaces the variables in them. */
final class Npmrc {

    private static final Logger LOG = System.getLogger(NpmConfig.class.getName());
    private static final Pattern UNSET_VARIABLE = Pattern.compile("\\$\\{[^${}]+}");

    /** Settings for which an empty value is ignored. For all other settings, an empty value removes the setting. */
    private static final Set<String> ADDRESSES = Set.of("registry", "proxy", "https-proxy");

    /** Replaces bytes that cannot be decoded; npm accepts them in comments. */
    private static final char REPLACEMENT = '\ufffd';

    private final Path file;
    private final Function<String, @Nullable String> variables;

    private Npmrc(Path file, Function<String, @Nullable String> variables) {
        this.file = file;
        this.variables = variables;
    }

    /**
     * Returns the settings of {@code file} by name; none if the file does not exist.
     *
     * @throws IllegalArgumentException if a line is not text
     * @throws UncheckedIOException if the file cannot be read
     */
    static Map<String, Setting> read(Path file, Function<String, @Nullable String> variables) {
        try {
            return new Npmrc(file, variables).settings(TextLines.readRepaired(file));
        } catch (NoSuchFileException e) {
            return Map.of();
        } catch (TextLines.LineException e) {
            throw new IllegalArgumentException(file + ", " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "Cannot read " + file + ": " + e.getClass().getSimpleName() + ".", e);
        }
    }

    private Map<String, Setting> settings(String text) {
        Map<String, Setting> settings = new LinkedHashMap<>();
        for (Ini.Setting line : Ini.parse(text)) {
            String name = Ini.expand(line.name(), variables);
            String value = TextLines.strip(Ini.expand(line.value(), variables));
            String source = file + ", line " + line.line();
            if ((line.name() + line.value()).indexOf(REPLACEMENT) >= 0) {
                throw new IllegalArgumentException(source + ": the line is not valid UTF-8.");
            }
            if (NpmLogins.isSecret(name) && UNSET_VARIABLE.matcher(value).find()) {
                LOG.log(
                        Level.WARNING,
                        "{0}: {1} refers to an environment variable that is not set. The setting is ignored.",
                        source,
                        Redaction.excerpt(name));
                continue;
            }
            if (!value.isEmpty() || !ADDRESSES.contains(name)) {
                settings.merge(
                        name,
                        Setting.of(name, value, source),
                        (before, next) -> merged(before, next, line.isElement()));
            }
        }
        return settings;
    }

    /** Adds an element to a list; any other line replaces the earlier value. */
    private static Setting merged(Setting before, Setting next, boolean isElement) {
        if (!isElement) {
            return next;
        }
        List<String> all = new ArrayList<>(before.values());
        all.addAll(next.values());
        return new Setting(next.name(), all, next.source());
    }
}
