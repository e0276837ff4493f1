// The program: everything it does is in CommandLineTool.

internal import CommandLineTool

CofferTool.main()
