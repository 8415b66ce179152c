package io.alldocs.examples.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the workers of a fleet say of packuments that they stored after they had lost the lease of their item. Each of
 * them is asked for again with validators, and may
 * have been asked for by the worker that has the item now.
 */
final class LeaseLosses {
    private static final Pattern ASKED_AGAIN = Pattern.compile("had no lease when they were stored: (\\d+)\\.");

    private LeaseLosses() {}

    /** How many packuments, in all files of a folder together. */
    static long packuments(Path logs) throws IOException {
        try (Stream<Path> files = Files.walk(logs)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(LeaseLosses::sum)
                    .sum();
        }
    }

    private static long sum(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(ASKED_AGAIN::matcher)
                    .filter(Matcher::find)
                    .mapToLong(found -> Long.parseLong(found.group(1)))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }
}
