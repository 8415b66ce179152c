package io.alldocs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnvTest {
    @TempDir
    Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("settings.env"), text);
    }

    @Test
    void get_absentOrBlank_isEmpty() {
        Env env = Env.of(Map.of("A", "x", "B", "  "));
        assertThat(env.get("A")).contains("x");
        assertThat(env.get("B")).isEmpty();
        assertThat(env.find("B")).isNull();
        assertThat(env.get("C")).isEmpty();
        assertThat(Env.system().get("PATH")).contains(System.getenv("PATH"));
    }

    @Test
    void load_file_readsNamesCommentsAndQuotes() throws IOException {
        Env env = Env.load(
                file("# comment\n\n A = x y \nB=\"quoted = value\"\nC='#no comment'\nD=\nE=a\"b\r\nA=z\nF==\nG=é\n"));
        assertThat(env.get("A")).contains("z");
        assertThat(env.get("B")).contains("quoted = value");
        assertThat(env.get("C")).contains("#no comment");
        assertThat(env.get("D")).isEmpty();
        assertThat(env.get("E")).contains("a\"b");
        assertThat(env.get("F")).contains("=");
        assertThat(env.get("G")).contains("é");
    }

    @Test
    void load_fileOfAnotherSystem_readsTheSame() throws IOException {
        for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            Path file = Files.writeString(folder.resolve("settings.env"), "\uFEFFA=é\r\nB=2\rC=3", charset);

            Env env = Env.load(file);

            assertThat(env.get("A")).as(charset.name()).contains("é");
            assertThat(env.get("B")).contains("2");
            assertThat(env.get("C")).contains("3");
        }
    }

    @Test
    void load_badFile_isRefusedByLineWithoutItsText() throws IOException {
        for (String bad : new String[] {"A=1\nt0ken\n", "A=1\n=t0ken", "A=1\nexport t0ken=1"}) {
            Path file = file(bad);
            assertThatThrownBy(() -> Env.load(file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Line 2")
                    .hasMessageContaining("settings.env")
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("t0ken"));
        }
        assertThatThrownBy(() -> Env.load(folder.resolve("absent")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("absent");
    }

    @Test
    void getLong_outOfRange_namesTheVariableOnly() {
        Env env = Env.of(Map.of("N", " 5 ", "BAD", "t0ken", "BIG", "99999999999999999999"));
        assertThat(env.getLong("N", 1, 0, 10)).isEqualTo(5);
        assertThat(env.getLong("ABSENT", 1, 2, 10)).isEqualTo(1);
        assertThatThrownBy(() -> env.getLong("N", 1, 6, 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("N must")
                .hasMessageContaining("6 to 10");
        for (String name : new String[] {"BAD", "BIG"}) {
            assertThatThrownBy(() -> env.getLong(name, 1, 0, Long.MAX_VALUE))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(name)
                    .hasMessageContaining("at least 0")
                    .satisfies(e -> assertThat(e.getMessage()).doesNotContain("t0ken"));
        }
    }

    @Test
    void require_absent_saysWhatItIsFor() {
        assertThat(Env.of(Map.of("A", "x")).require("A", "to test")).isEqualTo("x");
        assertThatThrownBy(() -> Env.of(Map.of()).require("S3_BUCKET", "by the s3 driver"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("The environment variable S3_BUCKET is not set; it is needed by the s3 driver.");
    }

    @Test
    void toString_always_printsNamesOnly() {
        assertThat(Env.of(Map.of("NPM_TOKEN", "t0ken", "A", "b"))).hasToString("Env[A, NPM_TOKEN]");
    }

    @Test
    void getAddress_invalidValue_isNeverPrinted() {
        Env env = Env.of(Map.of("GOOD", " https://api.example.com/x ", "BLANK", " "));
        assertThat(env.getAddress("GOOD", "https://example.com")).contains(URI.create("https://api.example.com/x"));
        assertThat(env.getAddress("BLANK", "https://example.com")).isEmpty();
        for (String bad : List.of(
                "api.example.com",
                "ftp://api.example.com",
                "https:///path",
                "https://user:secret@api.example.com",
                "https://user:secret word@api.example.com")) {
            assertThatThrownBy(() -> Env.of(Map.of("BAD", bad)).getAddress("BAD", "https://example.com"))
                    .as(bad)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("BAD must be an address such as https://example.com")
                    .hasMessageNotContaining("secret")
                    .hasNoCause();
        }
    }
}
