package io.alldocs.house;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks that the code in Markdown pages is compiled and tested code. Run it with {@code -Dreadme.write} to update the
 * pages.
 */
class MarkdownTest {
    private static final Pattern LINK = Pattern.compile(
            "(?:\\]\\(|srcset=\"|src=\")(?!https?:|mailto:)(?<file>[^)#\"\\s]*)(?:#(?<heading>[^)\"\\s]+))?[)\"]");
    private static final String SOURCE = """
            class QuickStart {
                // region quickstart
                void run() {
                    // region inner
                    call();
                    // endregion
                }
                // endregion
            }
            """;

    static List<Path> pages() {
        return Repository.files(path -> path.toString().endsWith(".md"));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void javaBlocks_ofEveryPage_equalTheirRegions(Path page) throws IOException {
        String written = Files.readString(page);
        String refreshed = JavaRegions.refresh(page.getFileName().toString(), written, JavaRegions::sourceNamed);
        if (System.getProperty("readme.write") != null) {
            Files.writeString(page, refreshed);
            return;
        }

        assertThat(written.lines())
                .as("%s differs from the code it shows; mvn test -Dreadme.write updates it", page)
                .isEqualTo(refreshed.lines().toList());
    }

    /** Checks links to files of the repository and to headings in these files. */
    @ParameterizedTest
    @MethodSource("pages")
    void links_ofEveryPage_leadSomewhere(Path page) throws IOException {
        Matcher link = LINK.matcher(Files.readString(page).replaceAll("(?s)```.*?```", ""));
        while (link.find()) {
            String file = link.group("file");
            Path target = file.isEmpty() ? page : page.resolveSibling(file);
            assertThat(target).as("%s of %s", link.group(), page).exists();
            if (link.group("heading") != null) {
                assertThat(headings(target)).as("%s of %s", link.group(), page).contains(link.group("heading"));
            }
        }
    }

    /** Returns the headings of a page as the anchors that GitHub creates for them. */
    private static List<String> headings(Path page) throws IOException {
        return Files.readString(page)
                .lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'))
                .toList();
    }

    @Test
    void refresh_blockThatDiffers_isReplacedByItsRegion() {
        String page = """
                Text
                <!-- region: QuickStart.java#quickstart -->
                ```java
                old();
                ```
                end
                """;

        assertThat(JavaRegions.refresh("page.md", page, file -> SOURCE)).isEqualTo("""
                        Text
                        <!-- region: QuickStart.java#quickstart -->
                        ```java
                        void run() {
                            call();
                        }
                        ```
                        end
                        """);
    }

    @Test
    void refresh_otherBlocks_stayAsTheyAre() {
        String page = "```bash\nmvn verify\n```\n";

        assertThat(JavaRegions.refresh("page.md", page, file -> SOURCE)).isEqualTo(page);
    }

    @Test
    void refresh_blockWithoutMarker_isRefused() {
        assertThatThrownBy(() -> JavaRegions.refresh("page.md", "\n```java\nf();\n```\n", file -> SOURCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("page.md:2")
                .hasMessageContaining("<!-- region:");
    }

    @Test
    void refresh_unknownRegion_isRefusedWithItsPlace() {
        String page = "<!-- region: QuickStart.java#absent -->\n```java\n```\n";

        assertThatThrownBy(() -> JavaRegions.refresh("page.md", page, file -> SOURCE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("page.md:1")
                .hasMessageContaining("no line \"// region absent\"");
    }
}
