package io.alldocs.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Links the Java blocks of a Markdown page to regions of compiled files. The line before a block is
 * {@code <!-- region: QuickStart.java#quickstart -->}. The region is between {@code // region quickstart} and
 * {@code // endregion} in that file.
 */
final class JavaRegions {
    private static final Pattern MARKER = Pattern.compile("<!-- region: (?<file>\\w+\\.java)#(?<name>[\\w-]+) -->");

    private JavaRegions() {}

    /**
     * Returns the page with every Java block replaced by its region.
     *
     * @param name name of the page, for messages
     * @param source returns the text of a Java file for its name without folders
     * @throws IllegalArgumentException if a Java block has no marker, does not end, or names a region that does not
     *     exist
     */
    static String refresh(String name, String page, Function<String, String> source) {
        List<String> refreshed = new ArrayList<>();
        List<String> lines = Arrays.asList(page.split("\n", -1));
        for (int at = 0; at < lines.size(); at++) {
            refreshed.add(lines.get(at));
            if (lines.get(at).strip().equals("```java")) {
                refreshed.addAll(regionMarkedBefore(name, lines, at, source));
                at = endOfBlock(name, lines, at);
                refreshed.add(lines.get(at));
            }
        }
        return String.join("\n", refreshed);
    }

    /** Returns the lines of a region without their common indentation and without the markers of nested regions. */
    static List<String> region(String source, String name) {
        List<String> region = new ArrayList<>();
        int depth = 0;
        for (String line : source.lines().toList()) {
            String code = line.strip();
            if (depth == 0) {
                depth = code.equals("// region " + name) ? 1 : 0;
            } else if (code.startsWith("// region ")) {
                depth++;
            } else if (!code.equals("// endregion")) {
                region.add(line);
            } else if (--depth == 0) {
                return String.join("\n", region).stripIndent().lines().toList();
            }
        }
        throw new IllegalArgumentException(
                (depth == 0 ? "no line \"// region " + name : "no \"// endregion\" after \"// region " + name) + "\"");
    }

    /** Returns the text of the only file with that name in the repository. */
    static String sourceNamed(String file) {
        List<Path> found = Repository.files(path -> path.endsWith(file));
        if (found.size() != 1) {
            throw new IllegalArgumentException("a region needs one file named " + file + "; found " + found);
        }
        try {
            return Files.readString(found.get(0));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + found.get(0), e);
        }
    }

    private static List<String> regionMarkedBefore(
            String name, List<String> lines, int block, Function<String, String> source) {
        Matcher marker = MARKER.matcher(block == 0 ? "" : lines.get(block - 1).strip());
        if (!marker.matches()) {
            throw new IllegalArgumentException(
                    name + ":" + (block + 1)
                            + ": a Java block needs a comment on the line above it: <!-- region: QuickStart.java#quickstart -->");
        }
        try {
            return region(source.apply(marker.group("file")), marker.group("name"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + ":" + block + ": " + marker.group() + ": " + e.getMessage(), e);
        }
    }

    private static int endOfBlock(String name, List<String> lines, int block) {
        for (int at = block + 1; at < lines.size(); at++) {
            if (lines.get(at).strip().equals("```")) {
                return at;
            }
        }
        throw new IllegalArgumentException(name + ":" + (block + 1) + ": the block does not end");
    }
}
