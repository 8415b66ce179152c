package io.alldocs.examples.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads from the logs of the workers which packuments they stored after they lost the lease of an item. Each such
 * packument is revalidated. The worker that has the item now may have requested it too.
 */
final class LeaseLosses {
    private static final Pattern ASKED_AGAIN =
            Pattern.compile("(\\d+) packuments are fetched again, because the lease");

    private LeaseLosses() {}

    /** Returns the number of such packuments in all files of a folder. */
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
