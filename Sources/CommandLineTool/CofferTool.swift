// placeholder
public enum CofferTool {
    public static func main() {}
}
