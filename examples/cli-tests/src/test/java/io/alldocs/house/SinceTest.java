package io.alldocs.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Checks that the API states which version introduced it, as the support policy promises. */
class SinceTest {
    private static final Pattern SINCE = Pattern.compile("@since\\s+(\\S+)");
    private static final Pattern VERSION = Pattern.compile("<version>(\\d+)\\.(\\d+)\\.(\\d+)(?:-SNAPSHOT)?</version>");

    @Test
    void package_statesTheVersionThatIntroducedIt() throws IOException {
        List<String> silent = new ArrayList<>();
        for (Path file : Repository.files(path -> isMain(path) && path.endsWith("package-info.java"))) {
            if (!isExample(file) && !SINCE.matcher(Files.readString(file)).find()) {
                silent.add(Repository.ROOT.relativize(file).toString());
            }
        }

        assertThat(silent).isEmpty();
    }

    @Test
    void since_namesAVersionThatIsNotInTheFuture() throws IOException {
        MatchResult current = VERSION.matcher(Files.readString(Repository.ROOT.resolve("pom.xml")))
                .results()
                .findFirst()
                .orElseThrow();
        List<String> wrong = new ArrayList<>();
        int count = 0;
        for (Path file : Repository.files(SinceTest::isMain)) {
            for (MatchResult since :
                    SINCE.matcher(Files.readString(file)).results().toList()) {
                count++;
                if (!isAtMost(since.group(1), current)) {
                    wrong.add(Repository.ROOT.relativize(file) + ": " + since.group());
                }
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(count).isGreaterThan(20);
    }

    /** Returns whether the text is a version of three numbers, and not higher than the current version. */
    private static boolean isAtMost(String text, MatchResult current) {
        String[] parts = text.split("\\.", -1);
        if (!text.matches("\\d{1,4}\\.\\d{1,4}\\.\\d{1,4}")) {
            return false;
        }
        for (int i = 0; i < parts.length; i++) {
            int difference = Integer.compare(Integer.parseInt(parts[i]), Integer.parseInt(current.group(i + 1)));
            if (difference != 0) {
                return difference < 0;
            }
        }
        return true;
    }

    private static boolean isMain(Path file) {
        return file.toString().endsWith(".java") && file.toString().contains("/src/main/java/");
    }

    /** Examples are not published, so they have no versions. */
    private static boolean isExample(Path file) {
        return Repository.ROOT.relativize(file).startsWith("examples");
    }
}
