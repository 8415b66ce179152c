package io.alldocs.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Checks the width of comments, because the formatter does not change comments. */
class CommentsTest {
    private static final int COLUMNS = 120;

    @Test
    void comments_haveAtMost120Columns() throws IOException {
        List<String> wide = new ArrayList<>();
        for (Path file : Repository.files(path -> path.toString().endsWith(".java"))) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).length() > COLUMNS && isComment(lines.get(i).strip())) {
                    wide.add(Repository.ROOT.relativize(file) + ":" + (i + 1));
                }
            }
        }

        assertThat(wide).isEmpty();
    }

    /** Returns whether a line is a comment without an address. An address cannot be split into two lines. */
    private static boolean isComment(String line) {
        return (line.startsWith("*") || line.startsWith("//") || line.startsWith("/*")) && !line.contains("https://");
    }
}
