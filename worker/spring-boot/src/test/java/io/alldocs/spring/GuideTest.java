package io.alldocs.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Compares the guide and the hints with the metadata that the build generates. */
class GuideTest {
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(all-docs\\.[a-z.-]+)` \\| ([^|]+) \\| ([^|]+) \\| [^|]+ \\|$");

    private static JsonNode metadata() throws Exception {
        try (InputStream file = GuideTest.class.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
            return new ObjectMapper().readTree(file);
        }
    }

    /** Returns type and default by the name of the property. */
    private static Map<String, String> properties() throws Exception {
        Map<String, String> all = new TreeMap<>();
        for (JsonNode each : metadata().path("properties")) {
            if (each.path("name").asText().startsWith("all-docs.")) {
                String type = each.path("type").asText().replaceAll("[\\w.]+[.$](\\w+)", "$1");
                all.put(
                        each.path("name").asText(),
                        type + " " + each.path("defaultValue").asText(""));
            }
        }
        return all;
    }

    @Test
    void table_ofTheGuide_hasEveryProperty() throws Exception {
        Map<String, String> rows = new TreeMap<>();
        Map<String, String> defaults = new TreeMap<>();
        for (MatchResult row :
                ROW.matcher(Files.readString(Path.of("README.md"))).results().toList()) {
            rows.put(row.group(1), row.group(2));
            defaults.put(row.group(1), row.group(3));
        }

        assertThat(rows.keySet()).isEqualTo(properties().keySet());
        properties().forEach((name, typeAndDefault) -> {
            String type = typeAndDefault.substring(0, typeAndDefault.indexOf(' '));
            String standard = typeAndDefault.substring(typeAndDefault.indexOf(' ') + 1);
            assertThat(rows.get(name)).as("type of %s", name).isEqualTo(shown(type));
            if (!standard.isEmpty()) {
                assertThat(defaults.get(name)).as("default of %s", name).isEqualTo("`" + standard + "`");
            }
        });
    }

    private static String shown(String type) {
        return switch (type) {
            case "String", "URI" -> "text";
            case "Boolean" -> "boolean";
            case "Integer", "Double" -> "number";
            case "Duration" -> "duration";
            case "DataSize" -> "size";
            case "SyncForm", "DeletionPolicy" -> "word";
            case "List<String>" -> "list";
            case "Map<String,String>" -> "map";
            default -> throw new AssertionError("No word for " + type);
        };
    }

    @Test
    void properties_haveDescriptions_andHintsBelongToThem() throws Exception {
        for (JsonNode each : metadata().path("properties")) {
            assertThat(each.path("description").asText())
                    .as(each.path("name").asText())
                    .endsWith(".");
        }
        for (JsonNode each : metadata().path("hints")) {
            assertThat(properties()).containsKey(each.path("name").asText());
        }
    }

    @Test
    void variables_areSetByPropertiesThatExist() throws Exception {
        assertThat(properties().keySet())
                .containsAll(Variables.ALL.stream().map(Variables::property).toList());
        assertThat(new TreeSet<>(Variables.ALL.stream().map(Variables::name).toList()))
                .hasSameSizeAs(Variables.ALL);
    }
}
